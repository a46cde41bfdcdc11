"""Operations: work that goes on after its request was answered, as callers see it."""
