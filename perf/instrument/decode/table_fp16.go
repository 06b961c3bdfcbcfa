package decode

// fp16Table holds AVX512-FP16: the EVEX maps 5 and 6.
const fp16Table = `
vector 5
10.f3.m e0 movsh =V16 M2 s
10.f3.r e0 movsh =V16 H16 U16 s
11.f3.m e0 movsh =M2 V16 s
11.f3.r e0 movsh =U16 H16 V16 s
1d.np e0 cvtss2sh =V16 H16 W4 s er
1d.66 e0 cvtps2phx =Vh Wx b4 er
2a.f3 e cvtsi2sh =V16 H16 Ey er
2c.f3 e cvttsh2si =Gy W2 sae
2d.f3 e cvtsh2si =Gy W2 er
2e.np e0 ucomish -V16 W2 sae #a
2f.np e0 comish -V16 W2 sae #a
51.np e0 sqrtph =Vx Wx b2 er
51.f3 e0 sqrtsh =V16 H16 W2 s er
$ph 58 add er
$ph 59 mul er
$ph 5c sub er
$ph 5d min sae
$ph 5e div er
$ph 5f max sae
5a.np e0 cvtph2pd =Vx Wq b2/8 sae
5a.66 e1 cvtpd2ph =Vq Wx b8 er
5a.f3 e0 cvtsh2sd =V16 H16 W2 s sae
5a.f2 e1 cvtsd2sh =V16 H16 W8 s er
5b.np e0 cvtdq2ph =Vh Wx b4 er
5b.np e1 cvtqq2ph =Vq Wx b8 er
5b.66 e0 cvtph2dq =Vx Wh b2/4 er
5b.f3 e0 cvttph2dq =Vx Wh b2/4 sae
6e.66 e:0 movw =V16 Ed2
7e.66 e:0 movw =Ed2 V16
78.np e0 cvttph2udq =Vx Wh b2/4 sae
78.66 e0 cvttph2uqq =Vx Wq b2/8 sae
78.f3 e cvttsh2usi =Gy W2 sae
79.np e0 cvtph2udq =Vx Wh b2/4 er
79.66 e0 cvtph2uqq =Vx Wq b2/8 er
79.f3 e cvtsh2usi =Gy W2 er
7a.66 e0 cvttph2qq =Vx Wq b2/8 sae
7a.f2 e0 cvtudq2ph =Vh Wx b4 er
7a.f2 e1 cvtuqq2ph =Vq Wx b8 er
7b.66 e0 cvtph2qq =Vx Wq b2/8 er
7b.f3 e cvtusi2sh =V16 H16 Ey er
7c.np e0 cvttph2uw =Vx Wx b2 sae
7c.66 e0 cvttph2w =Vx Wx b2 sae
7d.np e0 cvtph2uw =Vx Wx b2 er
7d.66 e0 cvtph2w =Vx Wx b2 er
7d.f3 e0 cvtw2ph =Vx Wx b2 er
7d.f2 e0 cvtuw2ph =Vx Wx b2 er
vector 6
13.np e0 cvtsh2ss =V16 H16 W2 s sae
13.66 e0 cvtph2psx =Vx Wh b2/4 sae
2c.66 e0 scalefph =Vx Hx Wx b2 er
2d.66 e0 scalefsh =V16 H16 W2 s er
42.66 e0 getexpph =Vx Wx b2 sae
43.66 e0 getexpsh =V16 H16 W2 s sae
4c.66 e0 rcpph =Vx Wx b2
4d.66 e0 rcpsh =V16 H16 W2 s
4e.66 e0 rsqrtph =Vx Wx b2
4f.66 e0 rsqrtsh =V16 H16 W2 s
56.f3 e0 fmaddcph +Vx Hx Wx b4 er distinct
56.f2 e0 fcmaddcph +Vx Hx Wx b4 er distinct
57.f3 e0 fmaddcsh +V16 H16 W4 s er distinct
57.f2 e0 fcmaddcsh +V16 H16 W4 s er distinct
d6.f3 e0 fmulcph =Vx Hx Wx b4 er distinct
d6.f2 e0 fcmulcph =Vx Hx Wx b4 er distinct
d7.f3 e0 fmulcsh =V16 H16 W4 s er distinct
d7.f2 e0 fcmulcsh =V16 H16 W4 s er distinct
$fmah 96 fmaddsub132 packed
$fmah 97 fmsubadd132 packed
$fmah 98 fmadd132
$fmah 9a fmsub132
$fmah 9c fnmadd132
$fmah 9e fnmsub132
$fmah a6 fmaddsub213 packed
$fmah a7 fmsubadd213 packed
$fmah a8 fmadd213
$fmah aa fmsub213
$fmah ac fnmadd213
$fmah ae fnmsub213
$fmah b6 fmaddsub231 packed
$fmah b7 fmsubadd231 packed
$fmah b8 fmadd231
$fmah ba fmsub231
$fmah bc fnmadd231
$fmah be fnmsub231
`
