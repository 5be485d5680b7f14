"""Khmer and Latin text: normal form, words, sentences, language. Pure."""
