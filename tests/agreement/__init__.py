"""T1 to T6: the meanings against each other (design: ARCHITECTURE.md, "Three meanings")."""
