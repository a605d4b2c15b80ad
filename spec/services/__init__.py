"""The shipped vocabularies, one TOML file a service [SYNTAX-VOCABULARY]."""
