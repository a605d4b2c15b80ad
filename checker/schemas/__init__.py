"""JSON schemas of every report and file format, one file each (docs/formats.md)."""
