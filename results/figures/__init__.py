"""Figures: one question each."""
