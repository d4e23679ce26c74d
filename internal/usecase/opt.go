package usecase

// Or is the value of an optional input, or another when it was left out.
func Or[T any](given *T, other T) T {
	if given == nil {
		return other
	}
	return *given
}

// Opt is a value for a nullable output: nil for the type's zero.
func Opt[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
