"""The solver's statement of each property, one file each; the judge of the same name is in
``smcproof.refmodel.judge``. Both follow spec/7-properties.md."""
