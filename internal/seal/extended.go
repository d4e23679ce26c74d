package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

const (
	nonceSize  = 24
	deriveSize = 12
	tagSize    = 16
)

// extended is AES-256-GCM with a nonce of 24 bytes: XAES-256-GCM as specified
// by C2SP. A page of a list seals dozens of cursors, and plain GCM with random
// nonces of 12 bytes must change its key after 2³² tokens, which a busy city
// would reach in days; this one need not within 2⁸⁰.
type extended struct {
	block cipher.Block
	sub   [aes.BlockSize]byte // K1 of NIST SP 800-38B
}

func extend(block cipher.Block) *extended {
	x := &extended{block: block}
	block.Encrypt(x.sub[:], x.sub[:])
	var carry byte
	for i := len(x.sub) - 1; i >= 0; i-- {
		carry, x.sub[i] = x.sub[i]>>7, x.sub[i]<<1|carry
	}
	x.sub[len(x.sub)-1] ^= carry * 0x87
	return x
}

// gcm returns the AEAD of the key that the first half of a nonce derives; the
// second half is the nonce within it.
func (x *extended) gcm(nonce []byte) cipher.AEAD {
	derived := make([]byte, 0, KeySize)
	for counter := byte(1); counter <= KeySize/aes.BlockSize; counter++ {
		block := append([]byte{0, counter, 'X', 0}, nonce[:deriveSize]...)
		subtle.XORBytes(block, block, x.sub[:])
		x.block.Encrypt(block, block)
		derived = append(derived, block...)
	}
	inner, err := aes.NewCipher(derived)
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCM(inner)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	return aead
}
