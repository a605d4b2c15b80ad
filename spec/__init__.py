"""The normative text (``*.md``) and the static facts and types that every meaning shares."""
