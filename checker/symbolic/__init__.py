"""The solver's meaning of a policy: z3 terms, proofs and counterexamples. The only room that imports
z3; it shares no evaluation with the reference model or the trap path."""
