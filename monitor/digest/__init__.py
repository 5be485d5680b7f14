"""Tell a reader what was found. In: DigestInput. Out: Digest, one mail's bytes. Never: asks archive or network."""
