"""From text to the typed core: parsing, elaboration, checking and canonical layout."""
