// Tiles, bfloat16 dot products and VNNI by intrinsics.
#include <immintrin.h>
#include <stddef.h>

void tiles(const void *config, float *c, const void *a, const void *b, int k, long stride) {
	_tile_loadconfig(config);
	_tile_zero(0);
	_tile_loadd(1, c, stride);
	for (int i = 0; i < k; i++) {
		_tile_loadd(2, (const char *)a + 64 * i, stride);
		_tile_stream_loadd(3, (const char *)b + 1024 * i, 64);
		_tile_dpbf16ps(0, 2, 3);
		_tile_dpbf16ps(1, 2, 3);
	}
	_tile_stored(0, c, stride);
	_tile_stored(1, c + 16, stride);
	_tile_release();
}

void tiles_int8(int *c, const void *a, const void *b, long stride, void *save) {
	_tile_loadd(4, a, stride);
	_tile_loadd(5, b, stride);
	_tile_dpbssd(6, 4, 5);
	_tile_dpbsud(6, 4, 5);
	_tile_dpbusd(6, 4, 5);
	_tile_dpbuud(7, 4, 5);
	_tile_stored(6, c, stride);
	_tile_stored(7, c, stride);
	_tile_storeconfig(save);
}

__m512 bf16(__m512 s, __m512bh a, const __m512bh *b, __mmask16 k) {
	s = _mm512_dpbf16_ps(s, a, b[0]);
	s = _mm512_mask_dpbf16_ps(s, k, a, b[1]);
	return _mm512_maskz_dpbf16_ps(k, s, a, b[2]);
}

__m512bh narrow(__m512 a, __m512 b) { return _mm512_cvtne2ps_pbh(a, b); }
__m256bh narrow1(__m512 a, __mmask16 k) { return _mm512_maskz_cvtneps_pbh(k, a); }

__m512i vnni(__m512i s, __m512i a, const __m512i *b, const int *w, __mmask16 k) {
	s = _mm512_dpbusd_epi32(s, a, b[0]);
	s = _mm512_dpbusds_epi32(s, a, _mm512_set1_epi32(w[0]));
	s = _mm512_mask_dpwssd_epi32(s, k, a, b[1]);
	return _mm512_maskz_dpwssds_epi32(k, s, a, b[2]);
}

__m256i vnni256(__m256i s, __m256i a, __m256i b) { return _mm256_dpbusd_avx_epi32(s, a, b); }

void compress(float *y, __m512 a, __mmask16 k) { _mm512_mask_compressstoreu_ps(y, k, a); }
__m512 expand(const float *y, __m512 a, __mmask16 k) { return _mm512_mask_expandloadu_ps(a, k, y); }
