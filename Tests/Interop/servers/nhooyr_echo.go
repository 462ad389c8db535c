// An echo server on Debian's golang-nhooyr-websocket-dev: prints its port, and exits when its standard input closes.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"nhooyr.io/websocket"
)

func echo(writer http.ResponseWriter, request *http.Request) {
	connection, err := websocket.Accept(writer, request, &websocket.AcceptOptions{
		InsecureSkipVerify: true,
		// Unlike gorilla_echo.go, which supports no context takeover.
		CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		log.Print(err)
		return
	}
	defer connection.Close(websocket.StatusInternalError, "")
	connection.SetReadLimit(1 << 40)
	for {
		kind, message, err := connection.Read(context.Background())
		if err == nil {
			err = connection.Write(context.Background(), kind, message)
		}
		if err != nil {
			status := websocket.CloseStatus(err)
			if status != websocket.StatusNormalClosure && status != websocket.StatusNoStatusRcvd {
				log.Print(err)
			}
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go http.Serve(listener, http.HandlerFunc(echo))
	io.Copy(io.Discard, os.Stdin)
}
