"""How fast this machine animates: the engine beside the plain loop, and beside what the machine could do."""
