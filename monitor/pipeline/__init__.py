"""Joins the stages: calls them in order with what they need from outside, and does nothing else."""
