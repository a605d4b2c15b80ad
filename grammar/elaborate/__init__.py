"""From abstract syntax to the typed core: names, types, defaults and sugar go [ELAB-*]."""
