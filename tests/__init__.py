"""Tests mirror the rooms; ``agreement`` holds what ties the three meanings together."""
