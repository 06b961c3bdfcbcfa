package plots

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// goldenScale is how many pixels of a chart, squared, are one of its golden image: enough to see every element, few enough
// to keep.
const goldenScale = 4

// goldenCharts are one of each kind, in the theme that is not looked at every day for one of them.
var goldenCharts = []string{"six", "six-dark", "ceilings-tile", "random30", "distribution", "sweep", "latency", "waterfall", "comparison", "traffic", "trajectory7"}

// shrunk averages blocks of pixels.
func shrunk(img image.Image) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/goldenScale, b.Dy()/goldenScale))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]uint32
			for dy := range goldenScale {
				for dx := range goldenScale {
					r, g, bl, _ := img.At(x*goldenScale+dx, y*goldenScale+dy).RGBA()
					sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+bl>>8
				}
			}
			const n = goldenScale * goldenScale
			out.SetRGBA(x, y, color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255})
		}
	}
	return out
}

// difference is the mean and the largest difference of the channels of two images of one size, of 255.
func difference(a, b *image.RGBA) (mean, most float64) {
	for i := range a.Pix {
		d := math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
		mean, most = mean+d/float64(len(a.Pix)), max(most, d)
	}
	return mean, most
}

// The charts look as they did when somebody last looked at them. Tolerated is what other rounding of floating-point numbers
// may do to the edges of shapes.
func TestGoldenImages(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	charts := chartGallery(t)
	for _, name := range goldenCharts {
		t.Run(name, func(t *testing.T) {
			got := shrunk(render(t, charts[name]))
			path := filepath.Join("testdata", "golden-"+name+".png")
			if *update {
				var b bytes.Buffer
				if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, got); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			want := image.NewRGBA(img.Bounds())
			for y := range want.Rect.Dy() {
				for x := range want.Rect.Dx() {
					want.Set(x, y, img.At(x, y))
				}
			}
			if got.Rect != want.Rect {
				t.Fatalf("the chart is %v, the golden image %v", got.Rect, want.Rect)
			}
			if mean, most := difference(got, want); mean > 0.05 || most > 24 {
				t.Errorf("differs from %s by %.3f in the mean and %.0f at most (look at both, then: go test ./plots -update)", path, mean, most)
			}
		})
	}
}

func render(t testing.TB, c *Chart) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := c.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// The tolerance lets no missing label, line or marker pass.
func TestGoldenImagesWouldNotice(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	res := sixKernels()
	whole := shrunk(render(t, mustChart(t, res)))
	for name, change := range map[string]func(c *Chart){
		"a label":  func(c *Chart) { drop(c, func(it item) bool { return it.text != nil && it.text.str == "matmul avx2" }) },
		"a marker": func(c *Chart) { drop(c, func(it item) bool { return it.path != nil && it.path.fill == hueAVX2 }) },
		"a roof": func(c *Chart) {
			drop(c, func(it item) bool { return it.path != nil && it.path.stroke == slopeInk && it.path.width == 2.4 })
		},
	} {
		c := mustChart(t, res)
		change(c)
		if mean, most := difference(whole, shrunk(render(t, c))); mean <= 0.05 && most <= 24 {
			t.Errorf("without %s: %.3f in the mean and %.0f at most pass", name, mean, most)
		}
	}
}

// drop removes the first item that matches.
func drop(c *Chart, matches func(item) bool) {
	for i, it := range c.scene.items {
		if matches(it) {
			c.scene.items = append(c.scene.items[:i:i], c.scene.items[i+1:]...)
			return
		}
	}
}
