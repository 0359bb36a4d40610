"""toon-body: people from head to toe, who move their limbs, turn round and hide one another's parts."""
