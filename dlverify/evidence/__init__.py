"""From measurement to verdict, without torch."""
