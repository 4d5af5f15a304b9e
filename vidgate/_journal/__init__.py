"""The journal's parts: what is written (`records`), when (`flows`), where (`store`, `recorder`, `place`)."""
