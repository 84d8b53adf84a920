"""A harness that runs the workflows' own steps on this machine.

The YAML under `.github/workflows` is read as it is. Against a bare git repository in place of
`origin` and a small stand-in for GitHub's REST API the harness runs what GitHub would: the jobs in
the order of their needs, each step's `run` by the same shell with the same variables. Whatever it
does not know, it fails on: an action, a key, a function of an expression.
"""
