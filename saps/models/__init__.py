"""One Lightning module a system, over one small base class; exported models and the Synthesizer."""
