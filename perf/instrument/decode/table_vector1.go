package decode

// vectorTable1 holds the vector opcodes of map 0F in all their encodings: MMX, SSE, AVX and AVX-512.
const vectorTable1 = `
vector 1
10.np l,v,e0 movups =Vx Wx e4
10.66 l,v,e1 movupd =Vx Wx e8
10.f3.m l,v,e0 movss =V16 M4 s
10.f2.m l,v,e1 movsd =V16 M8 s
10.f3.r l,v,e0 movss =V16 H16 U16 s
10.f2.r l,v,e1 movsd =V16 H16 U16 s
11.np l,v,e0 movups =Wx Vx e4
11.66 l,v,e1 movupd =Wx Vx e8
11.f3.m l,v,e0 movss =M4 V16 s
11.f2.m l,v,e1 movsd =M8 V16 s
11.f3.r l,v,e0 movss =U16 H16 V16 s
11.f2.r l,v,e1 movsd =U16 H16 V16 s
12.np.m l,v:0,e0:0 movlps =V16 H16 M8
12.np.r l,v:0,e0:0 movhlps =V16 H16 U16
12.66.m l,v:0,e1:0 movlpd =V16 H16 M8
12.f3 l,v,e0 movsldup =Vx Wx e4 nf
12.f2 l,v:0,e1:0 movddup =V16 W8 e8 nf
12.f2 v:1,e1:12 movddup =Vx Wx e8 nf
13.np.m l,v:0,e0:0 movlps =M8 V16
13.66.m l,v:0,e1:0 movlpd =M8 V16
14.np l,v,e0 unpcklps =Vx Hx Wx b4 nf
14.66 l,v,e1 unpcklpd =Vx Hx Wx b8 nf
15.np l,v,e0 unpckhps =Vx Hx Wx b4 nf
15.66 l,v,e1 unpckhpd =Vx Hx Wx b8 nf
16.np.m l,v:0,e0:0 movhps =V16 H16 M8
16.np.r l,v:0,e0:0 movlhps =V16 H16 U16
16.66.m l,v:0,e1:0 movhpd =V16 H16 M8
16.f3 l,v,e0 movshdup =Vx Wx e4 nf
17.np.m l,v:0,e0:0 movhps =M8 V16
17.66.m l,v:0,e1:0 movhpd =M8 V16
28.np l,v,e0 movaps =Vx Wx e4
28.66 l,v,e1 movapd =Vx Wx e8
29.np l,v,e0 movaps =Wx Vx e4
29.66 l,v,e1 movapd =Wx Vx e8
2a.np l cvtpi2ps =V16 Q8 mmx
2a.66 l cvtpi2pd =V16 Q8 mmx
2a.f3 l,v,e cvtsi2ss =V16 H16 Ey er
2a.f2 l,v,e0 cvtsi2sd =V16 H16 Ey
2a.f2 e1 cvtsi2sd =V16 H16 Ey er
2b.np.m l,v,e0 movntps =Mx Vx nt
2b.66.m l,v,e1 movntpd =Mx Vx nt
2b.f3.m l movntss =M4 V16 nt
2b.f2.m l movntsd =M8 V16 nt
2c.np l cvttps2pi =P8 W8 mmx
2c.66 l cvttpd2pi =P8 W16 mmx
2c.f3 l,v,e cvttss2si =Gy W4 sae
2c.f2 l,v,e cvttsd2si =Gy W8 sae
2d.np l cvtps2pi =P8 W8 mmx
2d.66 l cvtpd2pi =P8 W16 mmx
2d.f3 l,v,e cvtss2si =Gy W4 er
2d.f2 l,v,e cvtsd2si =Gy W8 er
2e.np l,v,e0 ucomiss -V16 W4 sae #a
2e.66 l,v,e1 ucomisd -V16 W8 sae #a
2f.np l,v,e0 comiss -V16 W4 sae #a
2f.66 l,v,e1 comisd -V16 W8 sae #a
41.np v0:1 !kandw =Kg Kh Ku
41.np v1:1 !kandq =Kg Kh Ku
41.66 v0:1 !kandb =Kg Kh Ku
41.66 v1:1 !kandd =Kg Kh Ku
42.np v0:1 !kandnw =Kg Kh Ku
42.np v1:1 !kandnq =Kg Kh Ku
42.66 v0:1 !kandnb =Kg Kh Ku
42.66 v1:1 !kandnd =Kg Kh Ku
44.np v0:0 !knotw =Kg Ku
44.np v1:0 !knotq =Kg Ku
44.66 v0:0 !knotb =Kg Ku
44.66 v1:0 !knotd =Kg Ku
45.np v0:1 !korw =Kg Kh Ku
45.np v1:1 !korq =Kg Kh Ku
45.66 v0:1 !korb =Kg Kh Ku
45.66 v1:1 !kord =Kg Kh Ku
46.np v0:1 !kxnorw =Kg Kh Ku
46.np v1:1 !kxnorq =Kg Kh Ku
46.66 v0:1 !kxnorb =Kg Kh Ku
46.66 v1:1 !kxnord =Kg Kh Ku
47.np v0:1 !kxorw =Kg Kh Ku
47.np v1:1 !kxorq =Kg Kh Ku
47.66 v0:1 !kxorb =Kg Kh Ku
47.66 v1:1 !kxord =Kg Kh Ku
4a.np v0:1 !kaddw =Kg Kh Ku
4a.np v1:1 !kaddq =Kg Kh Ku
4a.66 v0:1 !kaddb =Kg Kh Ku
4a.66 v1:1 !kaddd =Kg Kh Ku
4b.66 v0:1 !kunpckbw =Kg Kh Ku
4b.np v0:1 !kunpckwd =Kg Kh Ku
4b.np v1:1 !kunpckdq =Kg Kh Ku
50.np l,v movmskps =Gy Ux
50.66 l,v movmskpd =Gy Ux
51.np l,v,e0 sqrtps =Vx Wx b4 er
51.66 l,v,e1 sqrtpd =Vx Wx b8 er
51.f3 l,v,e0 sqrtss =V16 H16 W4 s er
51.f2 l,v,e1 sqrtsd =V16 H16 W8 s er
52.np l,v rsqrtps =Vx Wx e4
52.f3 l,v rsqrtss =V16 H16 W4 s
53.np l,v rcpps =Vx Wx e4
53.f3 l,v rcpss =V16 H16 W4 s
54.np l,v,e0 andps =Vx Hx Wx b4
54.66 l,v,e1 andpd =Vx Hx Wx b8
55.np l,v,e0 andnps =Vx Hx Wx b4
55.66 l,v,e1 andnpd =Vx Hx Wx b8
56.np l,v,e0 orps =Vx Hx Wx b4
56.66 l,v,e1 orpd =Vx Hx Wx b8
57.np l,v,e0 xorps =Vx Hx Wx b4
57.66 l,v,e1 xorpd =Vx Hx Wx b8
$fp4 58 add er
$fp4 59 mul er
5a.np l,v,e0 cvtps2pd =Vx Wh b4/8 sae
5a.66 l,v,e1 cvtpd2ps =Vh Wx b8 er
5a.f3 l,v,e0 cvtss2sd =V16 H16 W4 s sae
5a.f2 l,v,e1 cvtsd2ss =V16 H16 W8 s er
5b.np l,v,e0 cvtdq2ps =Vx Wx b4 er
5b.np e1 cvtqq2ps =Vh Wx b8 er
5b.66 l,v,e0 cvtps2dq =Vx Wx b4 er
5b.f3 l,v,e0 cvttps2dq =Vx Wx b4 sae
$fp4 5c sub er
$fp4 5d min sae
$fp4 5e div er
$fp4 5f max sae
60.np l punpcklbw +P Q4 mmx
60.66 l,v,e punpcklbw =Vx Hx Wx e1 nf
61.np l punpcklwd +P Q4 mmx
61.66 l,v,e punpcklwd =Vx Hx Wx e2 nf
62.np l punpckldq +P Q4 mmx
62.66 l,v,e0 punpckldq =Vx Hx Wx b4 nf
63.66 x,l,v,e packsswb =Vx Hx Wx e1 nf
64.66 x,l,v pcmpgtb =Vx Hx Wx e1
65.66 x,l,v pcmpgtw =Vx Hx Wx e2
66.66 x,l,v pcmpgtd =Vx Hx Wx e4
64.66 e pcmpgtb =Kg Hx Wx e1
65.66 e pcmpgtw =Kg Hx Wx e2
66.66 e0 pcmpgtd =Kg Hx Wx b4
67.66 x,l,v,e packuswb =Vx Hx Wx e1 nf
68.66 x,l,v,e punpckhbw =Vx Hx Wx e1 nf
69.66 x,l,v,e punpckhwd =Vx Hx Wx e2 nf
6a.66 x,l,v,e0 punpckhdq =Vx Hx Wx b4 nf
6b.66 x,l,v packssdw =Vx Hx Wx e4
6b.66 e0 packssdw =Vx Hx Wx b4/2 nf
6c.66 l,v,e1 punpcklqdq =Vx Hx Wx b8 nf
6d.66 l,v,e1 punpckhqdq =Vx Hx Wx b8 nf
6e.np l movd|movq =P Ey mmx
6e.66 l,v:0,e:0 movd|movq =V16 Ey
6f.np l movq =P Q mmx
6f.66 l,v movdqa =Vx Wx e4
6f.f3 l,v movdqu =Vx Wx e4
6f.66 e0 movdqa32 =Vx Wx e4
6f.66 e1 movdqa64 =Vx Wx e8
6f.f3 e0 movdqu32 =Vx Wx e4
6f.f3 e1 movdqu64 =Vx Wx e8
6f.f2 e0 movdqu8 =Vx Wx e1
6f.f2 e1 movdqu16 =Vx Wx e2
70.np l pshufw =P Q Ib mmx
70.66 l,v,e0 pshufd =Vx Wx Ib b4 nf
70.f3 l,v,e pshufhw =Vx Wx Ib e2 nf
70.f2 l,v,e pshuflw =Vx Wx Ib e2 nf
71.np.r./2 l psrlw +N Ib mmx
71.np.r./4 l psraw +N Ib mmx
71.np.r./6 l psllw +N Ib mmx
72.np.r./2 l psrld +N Ib mmx
72.np.r./4 l psrad +N Ib mmx
72.np.r./6 l pslld +N Ib mmx
73.np.r./2 l psrlq +N Ib mmx
73.np.r./6 l psllq +N Ib mmx
71.66.r./2 l,v psrlw =Hx Ux Ib
71.66.r./4 l,v psraw =Hx Ux Ib
71.66.r./6 l,v psllw =Hx Ux Ib
72.66.r./2 l,v psrld =Hx Ux Ib
72.66.r./4 l,v psrad =Hx Ux Ib
72.66.r./6 l,v pslld =Hx Ux Ib
73.66.r./2 l,v psrlq =Hx Ux Ib
73.66.r./3 l,v psrldq =Hx Ux Ib
73.66.r./6 l,v psllq =Hx Ux Ib
73.66.r./7 l,v pslldq =Hx Ux Ib
71.66./2 e psrlw =Hx Wx Ib e2 nf
71.66./4 e psraw =Hx Wx Ib e2 nf
71.66./6 e psllw =Hx Wx Ib e2 nf
72.66./0 e0 prord =Hx Wx Ib b4
72.66./0 e1 prorq =Hx Wx Ib b8
72.66./1 e0 prold =Hx Wx Ib b4
72.66./1 e1 prolq =Hx Wx Ib b8
72.66./2 e0 psrld =Hx Wx Ib b4
72.66./4 e0 psrad =Hx Wx Ib b4
72.66./4 e1 psraq =Hx Wx Ib b8
72.66./6 e0 pslld =Hx Wx Ib b4
73.66./2 e1 psrlq =Hx Wx Ib b8
73.66./3 e psrldq =Hx Wx Ib
73.66./6 e1 psllq =Hx Wx Ib b8
73.66./7 e pslldq =Hx Wx Ib
74.66 x,l,v pcmpeqb =Vx Hx Wx e1
75.66 x,l,v pcmpeqw =Vx Hx Wx e2
76.66 x,l,v pcmpeqd =Vx Hx Wx e4
74.66 e pcmpeqb =Kg Hx Wx e1
75.66 e pcmpeqw =Kg Hx Wx e2
76.66 e0 pcmpeqd =Kg Hx Wx b4
77.np l emms mmx
77.np v:0 zeroupper zu
77.np v:1 zeroall zu
78.66.r./0 l extrq +U16 Ib Ib
78.f2.r l insertq +V16 U16 Ib Ib
79.66.r l extrq +V16 U16
79.f2.r l insertq +V16 U16
78.np e0 cvttps2udq =Vx Wx b4 sae
78.np e1 cvttpd2udq =Vh Wx b8 sae
78.66 e0 cvttps2uqq =Vx Wh b4/8 sae
78.66 e1 cvttpd2uqq =Vx Wx b8 sae
78.f3 e cvttss2usi =Gy W4 sae
78.f2 e cvttsd2usi =Gy W8 sae
79.np e0 cvtps2udq =Vx Wx b4 er
79.np e1 cvtpd2udq =Vh Wx b8 er
79.66 e0 cvtps2uqq =Vx Wh b4/8 er
79.66 e1 cvtpd2uqq =Vx Wx b8 er
79.f3 e cvtss2usi =Gy W4 er
79.f2 e cvtsd2usi =Gy W8 er
7a.66 e0 cvttps2qq =Vx Wh b4/8 sae
7a.66 e1 cvttpd2qq =Vx Wx b8 sae
7a.f3 e0 cvtudq2pd =Vx Wh b4/8
7a.f3 e1 cvtuqq2pd =Vx Wx b8 er
7a.f2 e0 cvtudq2ps =Vx Wx b4 er
7a.f2 e1 cvtuqq2ps =Vh Wx b8 er
7b.66 e0 cvtps2qq =Vx Wh b4/8 er
7b.66 e1 cvtpd2qq =Vx Wx b8 er
7b.f3 e cvtusi2ss =V16 H16 Ey er
7b.f2 e0 cvtusi2sd =V16 H16 Ey
7b.f2 e1 cvtusi2sd =V16 H16 Ey er
7c.66 l,v haddpd =Vx Hx Wx e8
7c.f2 l,v haddps =Vx Hx Wx e4
7d.66 l,v hsubpd =Vx Hx Wx e8
7d.f2 l,v hsubps =Vx Hx Wx e4
7e.np l movd|movq =Ey P mmx
7e.66 l,v:0,e:0 movd|movq =Ey V16
7e.f3 l,v:0,e1:0 movq =V16 W8
7f.np l movq =Q P mmx
7f.66 l,v movdqa =Wx Vx e4
7f.f3 l,v movdqu =Wx Vx e4
7f.66 e0 movdqa32 =Wx Vx e4
7f.66 e1 movdqa64 =Wx Vx e8
7f.f3 e0 movdqu32 =Wx Vx e4
7f.f3 e1 movdqu64 =Wx Vx e8
7f.f2 e0 movdqu8 =Wx Vx e1
7f.f2 e1 movdqu16 =Wx Vx e2
90.np v0:0 !kmovw =Kg Ke2
90.np v1:0 !kmovq =Kg Ke8
90.66 v0:0 !kmovb =Kg Ke1
90.66 v1:0 !kmovd =Kg Ke4
91.np.m v0:0 !kmovw =M2 Kg
91.np.m v1:0 !kmovq =M8 Kg
91.66.m v0:0 !kmovb =M1 Kg
91.66.m v1:0 !kmovd =M4 Kg
92.np.r v0:0 !kmovw =Kg Rd
92.66.r v0:0 !kmovb =Kg Rd
92.f2.r v:0 !kmovd|kmovq =Kg Ry
93.np.r v0:0 !kmovw =Gd Ku
93.66.r v0:0 !kmovb =Gd Ku
93.f2.r v:0 !kmovd|kmovq =Gy Ku
98.np v0:0 !kortestw -Kg Ku #a
98.np v1:0 !kortestq -Kg Ku #a
98.66 v0:0 !kortestb -Kg Ku #a
98.66 v1:0 !kortestd -Kg Ku #a
99.np v0:0 !ktestw -Kg Ku #a
99.np v1:0 !ktestq -Kg Ku #a
99.66 v0:0 !ktestb -Kg Ku #a
99.66 v1:0 !ktestd -Kg Ku #a
ae.np.m./2 v:0 ldmxcsr -M4
ae.np.m./3 v:0 stmxcsr =M4
c2.np l,v cmpps =Vx Hx Wx Ib e4
c2.66 l,v cmppd =Vx Hx Wx Ib e8
c2.f3 l,v cmpss =V16 H16 W4 Ib s
c2.f2 l,v cmpsd =V16 H16 W8 Ib s
c2.np e0 cmpps =Kg Hx Wx Ib b4 sae
c2.66 e1 cmppd =Kg Hx Wx Ib b8 sae
c2.f3 e0 cmpss =Kg H16 W4 Ib s sae
c2.f2 e1 cmpsd =Kg H16 W8 Ib s sae
c4.np l pinsrw +P Ed2 Ib mmx
c4.66 l,v:0,e:0 pinsrw =V16 H16 Ed2 Ib
c5.np.r l pextrw =Gd N Ib mmx
c5.66.r l,v:0,e:0 pextrw =Gd U16 Ib
c6.np l,v,e0 shufps =Vx Hx Wx Ib b4 nf
c6.66 l,v,e1 shufpd =Vx Hx Wx Ib b8 nf
d0.66 l,v addsubpd =Vx Hx Wx e8
d0.f2 l,v addsubps =Vx Hx Wx e4
d1.66 x psrlw =Vx Hx Wx
d2.66 x psrld =Vx Hx Wx
d3.66 x psrlq =Vx Hx Wx
d1.66 l,v,e psrlw =Vx Hx W16 e2 nf
d2.66 l,v,e0 psrld =Vx Hx W16 e4 nf
d3.66 l,v,e1 psrlq =Vx Hx W16 e8 nf
d4.66 x,l,v,e1 paddq =Vx Hx Wx b8
d5.66 x,l,v,e pmullw =Vx Hx Wx e2
d6.66 l,v:0,e1:0 movq =W8 V16
d6.f3.r l movq2dq =V16 N mmx
d6.f2.r l movdq2q =P U16 mmx
d7.np.r l pmovmskb =Gy N mmx
d7.66.r l,v pmovmskb =Gy Ux
d8.66 x,l,v,e psubusb =Vx Hx Wx e1
d9.66 x,l,v,e psubusw =Vx Hx Wx e2
da.66 x,l,v,e pminub =Vx Hx Wx e1
db.66 x,l,v pand =Vx Hx Wx e4
db.66 e0 pandd =Vx Hx Wx b4
db.66 e1 pandq =Vx Hx Wx b8
dc.66 x,l,v,e paddusb =Vx Hx Wx e1
dd.66 x,l,v,e paddusw =Vx Hx Wx e2
de.66 x,l,v,e pmaxub =Vx Hx Wx e1
df.66 x,l,v pandn =Vx Hx Wx e4
df.66 e0 pandnd =Vx Hx Wx b4
df.66 e1 pandnq =Vx Hx Wx b8
e0.66 x,l,v,e pavgb =Vx Hx Wx e1
e1.66 x psraw =Vx Hx Wx
e2.66 x psrad =Vx Hx Wx
e1.66 l,v,e psraw =Vx Hx W16 e2 nf
e2.66 l,v,e0 psrad =Vx Hx W16 e4 nf
e2.66 e1 psraq =Vx Hx W16 e8 nf
e3.66 x,l,v,e pavgw =Vx Hx Wx e2
e4.66 x,l,v,e pmulhuw =Vx Hx Wx e2
e5.66 x,l,v,e pmulhw =Vx Hx Wx e2
e6.66 l,v,e1 cvttpd2dq =Vh Wx b8 sae
e6.f3 l,v,e0 cvtdq2pd =Vx Wh b4/8
e6.f3 e1 cvtqq2pd =Vx Wx b8 er
e6.f2 l,v,e1 cvtpd2dq =Vh Wx b8 er
e7.np.m l movntq =M8 P mmx nt
e7.66.m l,v,e0 movntdq =Mx Vx nt
e8.66 x,l,v,e psubsb =Vx Hx Wx e1
e9.66 x,l,v,e psubsw =Vx Hx Wx e2
ea.66 x,l,v,e pminsw =Vx Hx Wx e2
eb.66 x,l,v por =Vx Hx Wx e4
eb.66 e0 pord =Vx Hx Wx b4
eb.66 e1 porq =Vx Hx Wx b8
ec.66 x,l,v,e paddsb =Vx Hx Wx e1
ed.66 x,l,v,e paddsw =Vx Hx Wx e2
ee.66 x,l,v,e pmaxsw =Vx Hx Wx e2
ef.66 x,l,v pxor =Vx Hx Wx e4
ef.66 e0 pxord =Vx Hx Wx b4
ef.66 e1 pxorq =Vx Hx Wx b8
f0.f2.m l,v lddqu =Vx Mx
f1.66 x psllw =Vx Hx Wx
f2.66 x pslld =Vx Hx Wx
f3.66 x psllq =Vx Hx Wx
f1.66 l,v,e psllw =Vx Hx W16 e2 nf
f2.66 l,v,e0 pslld =Vx Hx W16 e4 nf
f3.66 l,v,e1 psllq =Vx Hx W16 e8 nf
f4.66 x,l,v,e1 pmuludq =Vx Hx Wx b8
f5.66 x,l,v,e pmaddwd =Vx Hx Wx e4 nf
f6.66 x,l,v,e psadbw =Vx Hx Wx
f7.np.r l maskmovq -P N mmx nt imp=maskmov
f7.66.r l,v:0 maskmovdqu -V16 U16 nt imp=maskmov
f8.66 x,l,v,e psubb =Vx Hx Wx e1
f9.66 x,l,v,e psubw =Vx Hx Wx e2
fa.66 x,l,v,e0 psubd =Vx Hx Wx b4
fb.66 x,l,v,e1 psubq =Vx Hx Wx b8
fc.66 x,l,v,e paddb =Vx Hx Wx e1
fd.66 x,l,v,e paddw =Vx Hx Wx e2
fe.66 x,l,v,e0 paddd =Vx Hx Wx b4
`
