"""Figures of how well attribute edits work."""
