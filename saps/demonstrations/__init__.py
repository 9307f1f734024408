"""Three small things that recurrent cells learn in about a minute: to add bits, to add decimals, to write names."""
