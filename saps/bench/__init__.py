"""How fast this machine is at what saps does, beside two plain systems without any of its batching."""
