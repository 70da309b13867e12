"""The report of a run: all figures, tables and numbers in one HTML file, in the chapter's order."""
