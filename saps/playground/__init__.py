"""The web page on which a person asks a trained model."""
