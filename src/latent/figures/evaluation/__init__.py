"""Figures of what was measured: how far attribute edits do what they are for."""
