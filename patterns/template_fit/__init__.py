"""The template fit: how long a fit takes, and what it finds, with ever more systematics."""
