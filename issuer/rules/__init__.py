"""How circles decide: pure rules, without input, output, clock or chance."""
