"""Operations: work that goes on after its request was answered, and how far it has come."""
