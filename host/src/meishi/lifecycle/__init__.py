"""How plugins become part of a running host: manifest, discovery, order, states, loading."""
