"""What the stages share about JSON and schemas: pointers, prose, normal form, overlays, strict YAML."""
