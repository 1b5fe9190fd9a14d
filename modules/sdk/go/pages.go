package guest

const pageSize = 1 << 14 // values

// Pages holds values that are called by numbers from 1 on, such as the nodes of a tree; 0 is none. They are never moved, so
// that there is no moment at which they need twice the memory; and Clear keeps the memory for the next message.
type Pages[T any] struct {
	Limit int // pages
	pages [][]T
	count uint32
}

// Clear forgets all values.
func (p *Pages[T]) Clear() { p.count = 0 }

// At gives the value called `number`.
func (p *Pages[T]) At(number uint32) *T { return &p.pages[number/pageSize][number%pageSize] }

// New adds a value, and gives its number. 0: there are too many.
func (p *Pages[T]) New(value T) uint32 {
	number := p.count + 1
	page := int(number / pageSize)
	if page == p.Limit {
		return 0
	}
	if page == len(p.pages) {
		p.pages = append(p.pages, make([]T, pageSize))
	}
	p.count = number
	*p.At(number) = value
	return number
}
