"""Answers: tables, the headline summary, figures."""
