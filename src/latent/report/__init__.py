"""The report: all figures, tables and metrics of a run in one HTML file, in the chapter's order."""
