"""Figures of the evaluation of attribute edits."""
