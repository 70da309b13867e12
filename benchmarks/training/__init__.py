"""The ways to train the chapter's VAEs that are compared, each in a process of its own."""
