"""The command `latent`.

Only the standard library and Typer are imported before a command runs, so that `latent --help`
answers at once. Each command imports what it needs.
"""
