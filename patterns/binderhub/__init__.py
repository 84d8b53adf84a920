"""BinderHub: a repository of notebooks, with all that it needs, running behind one link."""
