"""GitHub: what the workflows tell people, by its REST API."""
