"""What goes on around a job in any image: its data come in, its results go out."""
