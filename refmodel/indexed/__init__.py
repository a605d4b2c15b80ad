"""The fast twin of the reference dispatcher: rules found by identifier, guards compiled to Python.

It is tested equal to ``smcproof.refmodel.dispatcher``, which alone judges (spec/8-conformance.md)."""
