"""Sites on embedded clusters: what at a real site its own staff or a cloud provides."""
