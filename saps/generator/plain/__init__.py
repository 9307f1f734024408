"""The plain register: the same programs said in the English that people type."""
