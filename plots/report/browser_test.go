package report

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/roofline-go/roofline/internal/testkit"
)

// chromium is started once; every test opens a tab of its own. One that has not opened its first tab in two minutes hangs: another one
// is started.
var chromium = sync.OnceValues(func() (ctx context.Context, err error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, testkit.MissingTool("chromium")
	}
	for range 3 {
		if ctx, err = start(path); err == nil {
			return ctx, nil
		}
		stopBrowser()
	}
	return nil, err
})

func start(path string) (context.Context, error) {
	const patience = 2 * time.Minute
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.WSURLReadTimeout(patience))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	stopBrowser = func() { cancel(); stop() }
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(ctx) }()
	select {
	case err := <-started:
		return ctx, err
	case <-time.After(patience):
		return nil, fmt.Errorf("%s has not opened a tab within %v", path, patience)
	}
}

var stopBrowser = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopBrowser()
	os.Exit(code)
}

// tab is an opened report and all that it said or asked for.
type tab struct {
	t        testing.TB
	ctx      context.Context
	mu       sync.Mutex
	said     []string // errors and other lines of the console
	requests []string // beside the document itself
}

// open loads a file from disk into a window of the given size, after the steps before, and waits until it answers where there
// are none.
func open(t testing.TB, path string, width, height int64, before ...step) *tab {
	t.Helper()
	browser, err := chromium()
	testkit.SkipUnsupported(t, err)
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	url := (&url.URL{Scheme: "file", Path: path}).String()
	err = chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			b.said = append(b.said, fmt.Sprintf("exception: %s %+v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception))
		case *runtime.EventConsoleAPICalled:
			for _, a := range ev.Args {
				b.said = append(b.said, fmt.Sprintf("%s: %s %s", ev.Type, a.Value, a.Description))
			}
		case *log.EventEntryAdded:
			b.said = append(b.said, fmt.Sprintf("%s: %s", ev.Entry.Level, ev.Entry.Text))
		case *network.EventRequestWillBeSent:
			if ev.Request.URL != url && ev.Request.URL != "data:," {
				b.requests = append(b.requests, ev.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	scripts := len(before) == 0
	b.run(append(append([]step{call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(width, height), media("", "light")}, before...), chromedp.Navigate(url))...)
	if scripts {
		b.until(`document.documentElement.className === "live"`)
	}
	return b
}

// step is an action without a result.
type step = chromedp.Action[chromedp.Void]

// call is a command of the protocol as a step.
func call[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func withoutScripts() step {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// media emulates a medium (print, or "" for the screen) and the colours that the reader prefers.
func media(medium, scheme string) step {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}) // a click must not chase a page that still scrolls
}

// run lets the steps have two minutes: the machine may be busy with other tests.
func (b *tab) run(steps ...step) {
	b.t.Helper()
	do(b, chromedp.Steps(steps...))
}

func do[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// quiet fails the test when the page reported an error or asked for anything.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) > 0 || len(b.requests) > 0 {
		b.t.Errorf("console %q, requests %q", b.said, b.requests)
	}
}

// eval returns the value of an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return do(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// count is the number of elements that a selector finds and that are shown.
func (b *tab) count(selector string) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf("[...document.querySelectorAll(%q)].filter(e => e.getClientRects().length > 0).length", selector))
}

// until waits for an expression to become true: the page draws in frames of its own.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.wait(expression, func() bool { return eval[bool](b, expression) })
}

func (b *tab) wait(what string, done func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		b.mu.Lock()
		broken := slices.ContainsFunc(b.said, func(s string) bool { return strings.HasPrefix(s, "exception") })
		b.mu.Unlock()
		if broken || time.Now().After(deadline) {
			b.quiet()
			b.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// screenshot writes what is seen, or the whole page, into $ROOFLINE_GALLERY, for people to look at.
func (b *tab) screenshot(name string, whole bool) {
	b.t.Helper()
	dir := os.Getenv("ROOFLINE_GALLERY")
	if dir == "" {
		return
	}
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), do(b, shot), 0o644); err != nil {
		b.t.Fatal(err)
	}
}
